// expect: an argument cannot be sent to another process: pointers, references and views stay in
// theirs
#include <heddle/futures.h>

int length(const char* text);
void use(heddle::futures::ProcessPoolExecutor& pool) { pool.submit(length, "text"); }
