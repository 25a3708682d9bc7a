"""What the lead bodies (đơn vị chủ trì) were shown and what they said: tables, reading and writing."""
