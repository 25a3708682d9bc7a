"""What the portal keeps beside submissions: personal links, drafts, requests for more time."""
