@ The examples that pack.py packed.
  .section .rodata.cai_examples, "a"
  .global cai_examples_start, cai_examples_end
cai_examples_start:
  .incbin "examples.bin"
cai_examples_end:
