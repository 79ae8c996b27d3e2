/* Mbed TLS ends here when its pool is damaged: the fault stops the partition
 * (or, in the NSPE, the application). */
_Noreturn void cai_mbedtls_exit(int code) {
  (void)code;
  __builtin_trap();
}
