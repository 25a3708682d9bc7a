"""Commands about what units send: submissions, copies, files that wait, links."""
