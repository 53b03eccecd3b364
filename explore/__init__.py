"""What analysts open: queries that they paste, and files for their tools."""
