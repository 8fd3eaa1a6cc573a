"""Where sessions and grants are kept."""
