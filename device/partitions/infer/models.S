/* The model files as they are, among the partition's constants. 16 bytes is
 * the alignment that the format's writers give to buffers. */
    .macro model name, file
    .balign 16
    .global cai_model_\name
    .global cai_model_\name\()_end
cai_model_\name:
    .incbin "\file"
cai_model_\name\()_end:
    .endm

    .section .rodata.models, "a", %progbits
    model machine, models/machine.tflite
    model sine, models/sine.tflite

#ifdef __linux__
    .section .note.GNU-stack, "", %progbits
#endif
