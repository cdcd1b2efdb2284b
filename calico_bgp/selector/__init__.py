"""Calico's label selectors: tokens, syntax tree, parser, evaluation, printing. Text in, trees and booleans out; no I/O."""
