// Command raftbench measures.
package main

func main() {}
