"""What both web services share: pages, style, safe headers, protection of forms, static files."""
