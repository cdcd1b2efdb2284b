"""Calico's label selectors: tokens, tree, parser, evaluation, printing. Text in, trees and booleans out; no I/O."""
