"""Features of events, from the past only: paper 001, section 3.2.2, and inputs of paper 003."""
