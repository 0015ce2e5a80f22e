"""Sample stock files with known defects, and the script that makes them."""
