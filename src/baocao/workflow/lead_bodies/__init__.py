"""Lead bodies: their slices go out, their comments and objections come back."""
