"""Whether what is saved comes back as it was, found out by loading it: silent loss, named.

In the kernel a look notes the objects whose saving is decided by somebody's code (`custom`) and describes what
they really are (`census`, over `anatomy`). In another process the component is loaded (`checking`) and what came
back is compared with the description (`comparing`); differences that mean nothing are told apart (`harmless`).
"""
