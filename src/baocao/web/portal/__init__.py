"""The units' portal: one page for the holder of a personal link. `baocao-portal` starts it."""
