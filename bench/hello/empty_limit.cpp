// An empty process.
int main() {}
