"""What people see: values in, card data or markdown out. No awaiting, no looking things up."""
