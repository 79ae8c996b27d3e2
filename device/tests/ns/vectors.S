/* lib/wire/testdata/vectors.txt as it lies there, for wire_test.cc. */
	.section .rodata.vectors, "a"
	.global	cai_vectors_begin
	.global	cai_vectors_end
cai_vectors_begin:
	.incbin "lib/wire/testdata/vectors.txt"
cai_vectors_end:
