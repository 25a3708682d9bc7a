"""The mailbox as a channel: from a message in the inbox to files on the road, and an answer."""
