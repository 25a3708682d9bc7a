"""The verbs behind the units' portal: links, sending, drafts, requests for more time."""
