"""The problems of an audit on one screen: a row each, or a paragraph where there is one only."""
