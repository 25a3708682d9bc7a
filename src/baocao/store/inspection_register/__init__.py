"""The register of inspections (sổ theo dõi kiểm tra): its tables, and reading and writing them."""
