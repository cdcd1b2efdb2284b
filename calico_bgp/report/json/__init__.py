"""What every JSON form is made with: documents that take their fields from values, and the one way to write them."""
