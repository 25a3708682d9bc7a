"""What each letter says: its fields, worked out from the store and the pack."""

# Each module adds its letters to the one table, `common.CONTEXTS`.
from baocao.delivery.contexts import copies, lead_bodies, mail, portal, versions

__all__ = ["copies", "lead_bodies", "mail", "portal", "versions"]
