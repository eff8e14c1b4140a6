// Asks a service as a Go program would: go run . <host:port> <service> <calls as JSON>. It has no
// generated code: the service itself says what it has (reflection). It prints what it found, as JSON.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	health "google.golang.org/grpc/health/grpc_health_v1"
	reflection "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

type client struct {
	conn    *grpc.ClientConn
	context context.Context
	service string
	methods protoreflect.MethodDescriptors
}

// One file has the whole contract.
func reflected(ctx context.Context, conn *grpc.ClientConn, service string) (protoreflect.MethodDescriptors, error) {
	stream, err := reflection.NewServerReflectionClient(conn).ServerReflectionInfo(ctx)
	if err != nil {
		return nil, err
	}
	symbol := &reflection.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: service}
	if err := stream.Send(&reflection.ServerReflectionRequest{MessageRequest: symbol}); err != nil {
		return nil, err
	}
	answer, err := stream.Recv()
	if err != nil {
		return nil, err
	}
	var file descriptorpb.FileDescriptorProto
	if err := proto.Unmarshal(answer.GetFileDescriptorResponse().FileDescriptorProto[0], &file); err != nil {
		return nil, err
	}
	made, err := protodesc.NewFile(&file, nil)
	if err != nil {
		return nil, err
	}
	return made.Services().Get(0).Methods(), stream.CloseSend()
}

func (c client) call(name protoreflect.Name, request json.RawMessage) (json.RawMessage, error) {
	method := c.methods.ByName(name)
	in, out := dynamicpb.NewMessage(method.Input()), dynamicpb.NewMessage(method.Output())
	if err := protojson.Unmarshal(request, in); err != nil {
		return nil, err
	}
	if err := c.conn.Invoke(c.context, fmt.Sprintf("/%s/%s", c.service, name), in, out); err != nil {
		return nil, err
	}
	return protojson.Marshal(out)
}

func (c client) stream(name protoreflect.Name, requests []json.RawMessage) ([]json.RawMessage, error) {
	method := c.methods.ByName(name)
	description := &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}
	stream, err := c.conn.NewStream(c.context, description, fmt.Sprintf("/%s/%s", c.service, name))
	if err != nil {
		return nil, err
	}
	found := []json.RawMessage{}
	for _, request := range requests {
		in, out := dynamicpb.NewMessage(method.Input()), dynamicpb.NewMessage(method.Output())
		if err := protojson.Unmarshal(request, in); err != nil {
			return nil, err
		}
		if err := stream.SendMsg(in); err != nil {
			return nil, err
		}
		if err := stream.RecvMsg(out); err != nil {
			return nil, err
		}
		text, err := protojson.Marshal(out)
		if err != nil {
			return nil, err
		}
		found = append(found, text)
	}
	return found, stream.CloseSend()
}

// A method, and what it is asked: several requests in a stream, else one.
type asked struct {
	Method   protoreflect.Name
	Requests []json.RawMessage
}

// An answer, the answers of a stream, or the name of the status.
func (c client) ask(a asked) any {
	var found any
	var err error
	if c.methods.ByName(a.Method).IsStreamingClient() {
		found, err = c.stream(a.Method, a.Requests)
	} else {
		found, err = c.call(a.Method, a.Requests[0])
	}
	if err != nil {
		return status.Code(err).String()
	}
	return found
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	conn := must(grpc.NewClient(os.Args[1], grpc.WithTransportCredentials(insecure.NewCredentials())))
	service := os.Args[2]
	c := client{conn, ctx, service, must(reflected(ctx, conn, service))}
	var calls []asked
	must(0, json.Unmarshal([]byte(os.Args[3]), &calls))
	checked := must(health.NewHealthClient(conn).Check(ctx, &health.HealthCheckRequest{Service: service}))
	answers := []any{}
	for _, call := range calls {
		answers = append(answers, c.ask(call))
	}
	found := map[string]any{"health": checked.Status.String(), "answers": answers}
	must(0, json.NewEncoder(os.Stdout).Encode(found))
}
