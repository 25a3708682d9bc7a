"""Lời văn của báo cáo: the sections as the system drafts them and as the office writes them, with protected figures."""
