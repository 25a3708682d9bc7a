"""Reading for pages: each statement answers what one page shows, and no more than it shows. Nothing is decided here."""
