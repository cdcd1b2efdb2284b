"""Inventories of Ansible, in each of their forms."""
