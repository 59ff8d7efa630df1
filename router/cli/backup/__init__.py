"""The verbs of a copy that outlives the machine: `backup`, `restore`, `release`. They never change what they copy."""
