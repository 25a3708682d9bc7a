"""The rows of lists that units have sent."""
