"""Papers of an order: the invoice and the return label, made from its data, behind links nobody can guess."""
