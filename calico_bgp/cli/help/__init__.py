"""Help, suggestions and completion."""
