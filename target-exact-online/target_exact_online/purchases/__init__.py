"""Purchase orders of Exact Online, one for each receipt of goods."""
