"""From accepted submissions to a draft of the province's report: what it stands on, what holds it, what it corrects."""
