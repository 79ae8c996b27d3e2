@ What the core reads at reset when an image runs without boot.
  .section .cai_boot_vectors, "a"
  .global cai_debug_boot_vectors
cai_debug_boot_vectors:
  .word cai_link_spm_stack_seal
  .word cai_Reset
