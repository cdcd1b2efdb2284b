"""Tables of many nodes that are alike: what was seen at one is not looked at again at the next."""
