"""The MongoDB documents of Sentimatrix Studio as Pydantic models, and the connection of its applications."""
