"""Features of events: section 3.2.2 of paper 001 and the inputs of paper 003, from the past only."""
