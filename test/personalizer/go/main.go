// Asks a Personalizer as a Go program would: go run . <host:port>. It has no generated code: the
// service itself says what it has (reflection). It prints what it found, as JSON.
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

const service = "steamer.personalizer.v1.Personalizer"

type client struct {
	conn    *grpc.ClientConn
	context context.Context
	methods protoreflect.MethodDescriptors
}

// One file has the whole contract.
func reflected(ctx context.Context, conn *grpc.ClientConn) (protoreflect.MethodDescriptors, error) {
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

func (c client) call(name protoreflect.Name, request string) (json.RawMessage, error) {
	method := c.methods.ByName(name)
	in, out := dynamicpb.NewMessage(method.Input()), dynamicpb.NewMessage(method.Output())
	if err := protojson.Unmarshal([]byte(request), in); err != nil {
		return nil, err
	}
	if err := c.conn.Invoke(c.context, fmt.Sprintf("/%s/%s", service, name), in, out); err != nil {
		return nil, err
	}
	return protojson.Marshal(out)
}

func (c client) predict(pairs ...string) ([]json.RawMessage, error) {
	method := c.methods.ByName("PredictMatrix")
	description := &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}
	stream, err := c.conn.NewStream(c.context, description, "/"+service+"/PredictMatrix")
	if err != nil {
		return nil, err
	}
	found := []json.RawMessage{}
	for _, pair := range pairs {
		in, out := dynamicpb.NewMessage(method.Input()), dynamicpb.NewMessage(method.Output())
		if err := protojson.Unmarshal([]byte(pair), in); err != nil {
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
	c := client{conn, ctx, must(reflected(ctx, conn))}
	_, refused := c.call("GetUserRecommendations", `{"shop": "toys", "user": "somebody"}`)
	checked := must(health.NewHealthClient(conn).Check(ctx, &health.HealthCheckRequest{}))
	found := map[string]any{
		"known":   must(c.call("GetUserRecommendations", `{"shop": "toys", "user": "user-4", "n": 3}`)),
		"popular": must(c.call("GetPopular", `{"shop": "toys", "n": 2}`)),
		"predicted": must(c.predict(
			`{"shop": "toys", "user": "user-4", "item": "ink-0"}`,
			`{"shop": "toys", "user": "somebody", "item": "ink-0"}`,
		)),
		"health":  checked.Status.String(),
		"unknown": status.Code(refused).String(),
	}
	must(0, json.NewEncoder(os.Stdout).Encode(found))
}
