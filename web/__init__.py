"""What every page shares, portal and backoffice alike."""
