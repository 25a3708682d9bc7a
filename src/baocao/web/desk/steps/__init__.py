"""What is done on the desk: each step one form over one verb."""
