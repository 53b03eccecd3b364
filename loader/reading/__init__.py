"""What sources read from: files, text, ids, times, and rows that are refused."""
