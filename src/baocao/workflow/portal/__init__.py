"""The verbs behind the units' portal: sending, drafts, requests for more time; and the office in a unit's place."""
