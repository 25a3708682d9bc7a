"""Letters: what they say and carry, whom they reach, sending what waits; alarms to the operator."""
