"""What units send: the rows of submissions, their cells, lists and findings, and what became of them."""
