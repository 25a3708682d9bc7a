"""Pages that explain every form and every rule, written from the packs."""
