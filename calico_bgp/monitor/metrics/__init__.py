"""What a watched cluster looks like in numbers: declared once, worked out from the last poll, exposed to Prometheus."""
