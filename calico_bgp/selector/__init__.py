"""Calico's label selectors: tokens, tree, parser, evaluation. Text in, trees and booleans out; no I/O."""
