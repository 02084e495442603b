"""How the extension reads an open Calc document, and how it writes into it."""
