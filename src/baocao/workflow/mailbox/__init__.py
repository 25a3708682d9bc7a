"""The mailbox as a channel: from a message in the inbox to files taken like any other, and an answer."""
