"""E-mail that units send: taken apart within bounds, weighed, and handed on file by file."""
