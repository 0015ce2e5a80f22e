"""What is sold: brands, products and SKUs."""
